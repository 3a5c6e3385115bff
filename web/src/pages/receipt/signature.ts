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

/** Whether the signature over header and payload is one of a trusted key. `not checked` where the browser lacks Ed25519. */
export async function signatureOf(receipt: string, keys: string): Promise<Signature> {
  let parsed: unknown;
  let kid: unknown;
  let jwk: JsonWebKey | undefined;
  try {
    parsed = JSON.parse(receipt);
    if (!isJws(parsed)) return "bad";
    kid = (JSON.parse(new TextDecoder().decode(base64url(parsed.protected))) as { kid?: unknown }).kid;
    jwk = (JSON.parse(keys) as { keys: (JsonWebKey & { kid?: string })[] }).keys.find((key) => key.kid === kid);
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
    return (await crypto.subtle.verify("Ed25519", key, base64url(parsed.signature), signed)) ? "good" : "bad";
  } catch {
    return "not checked";
  }
}
