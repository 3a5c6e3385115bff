import { beforeAll, describe, expect, it } from "vitest";
import { base64url, signatureOf } from "../src/pages/receipt/signature";

const text = (value: unknown) => btoa(JSON.stringify(value)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const bytes = (value: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(value)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

describe("the signature of a receipt", () => {
  const head = text({ alg: "EdDSA", kid: "k1" });
  const payload = text({ case: "CASE-1" });
  let keys = "";
  let signature = "";

  beforeAll(async () => {
    const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
    keys = JSON.stringify({ keys: [{ kty: "OKP", crv: "Ed25519", x: jwk.x, kid: "k1" }] });
    const signed = new TextEncoder().encode(`${head}.${payload}`);
    signature = bytes(await crypto.subtle.sign("Ed25519", pair.privateKey, signed));
  });

  const receipt = (change: Record<string, string> = {}) =>
    JSON.stringify({ protected: head, payload, signature, ...change });

  it("is good over what was signed", async () => {
    expect(await signatureOf(receipt(), keys)).toBe("good");
  });

  it("is bad over anything else", async () => {
    expect(await signatureOf(receipt({ payload: text({ case: "CASE-2" }) }), keys)).toBe("bad");
    const flipped = base64url(signature);
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    expect(await signatureOf(receipt({ signature: bytes(flipped.buffer) }), keys)).toBe("bad");
    expect(await signatureOf("no receipt", keys)).toBe("bad");
  });

  it("says when the key is not one that the reader trusts", async () => {
    expect(await signatureOf(receipt(), JSON.stringify({ keys: [] }))).toBe("unknown key");
  });
});
