/** What a browser can check of a receipt by itself: its signature, by WebCrypto, with the keys that the reader trusts. */

interface Jws {
  protected: string;
  payload: string;
  signature: string;
}

export type Signature = "good" | "bad" | "unknown key" | "not checked";

export function base64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = new Uint8Array(plain.length);
  for (let n = 0; n < plain.length; n += 1) bytes[n] = plain.charCodeAt(n);
  return bytes;
}

function isJws(value: unknown): value is Jws {
  return (
    typeof value === "object" &&
    value !== null &&
    ["protected", "payload", "signature"].every((name) => typeof (value as Record<string, unknown>)[name] === "string")
  );
}

interface TrustedKey extends JsonWebKey {
  kid?: string;
  purpose?: string;
}

/**
 * Whether the signature over header and payload is one of a trusted key for receipts. `not checked` only where the
 * browser lacks Ed25519: whatever else cannot be read is bad.
 */
export async function signatureOf(receipt: string, keys: string): Promise<Signature> {
  let parsed: Jws;
  let jwk: TrustedKey | undefined;
  let signature: Uint8Array<ArrayBuffer>;
  try {
    const read: unknown = JSON.parse(receipt);
    if (!isJws(read)) return "bad";
    parsed = read;
    signature = base64url(parsed.signature);
    const head = JSON.parse(new TextDecoder().decode(base64url(parsed.protected))) as { kid?: unknown; alg?: unknown };
    if (head.alg !== "EdDSA" && head.alg !== "Ed25519") return "bad";
    const trusted = (JSON.parse(keys) as { keys: TrustedKey[] }).keys;
    jwk = trusted.find((key) => key.kid === head.kid && (key.purpose ?? "receipt") === "receipt");
  } catch {
    return "bad";
  }
  if (!jwk) return "unknown key";
  try {
    const key = await crypto.subtle.importKey(
      "jwk",
      { kty: "OKP", crv: "Ed25519", x: jwk.x ?? "" },
      { name: "Ed25519" },
      false,
      ["verify"],
    );
    const signed = new TextEncoder().encode(`${parsed.protected}.${parsed.payload}`);
    return (await crypto.subtle.verify("Ed25519", key, signature, signed)) ? "good" : "bad";
  } catch (error) {
    return error instanceof DOMException && error.name === "NotSupportedError" ? "not checked" : "bad";
  }
}
