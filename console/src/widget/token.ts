/** Tokens as the widget sees them: it never checks one, it only reads whose it is and when it ends. */

export interface Claims {
  sub: string;
  /** Milliseconds since 1970, or null when the token does not say. */
  expiresAt: number | null;
}

/** Read the claims of a JWT without verifying it (the service does that); null when it is no JWT. */
export function readClaims(token: string): Claims | null {
  try {
    const body = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; exp?: unknown };
    if (typeof claims.sub !== 'string') return null;
    return { sub: claims.sub, expiresAt: typeof claims.exp === 'number' ? claims.exp * 1000 : null };
  } catch {
    return null;
  }
}

/** Whether a token is worth presenting: it ends later than a minute from now, or does not say when. */
export function isFresh(token: string, now: number): boolean {
  const claims = readClaims(token);
  return claims === null || claims.expiresAt === null || claims.expiresAt > now + 60_000;
}
