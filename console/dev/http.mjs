// Small change of the fake house: JSON in, JSON out, files.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export function reply(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

export function fail(response, status, code, message, messageEn, more = {}) {
  reply(response, status, { error: { code, message, message_en: messageEn, ...more } });
}

export async function readRaw(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

export async function readJson(request) {
  const raw = await readRaw(request);
  return raw.length ? JSON.parse(raw.toString()) : {};
}

/** Send a built file; the policy is the real site's, so that an inline script breaks here first. */
export async function sendFile(response, root, name) {
  const file = path.join(root, path.normalize(name));
  if (!file.startsWith(root)) return false;
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'Cache-Control': 'no-cache',
      'Content-Security-Policy':
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws:",
    });
    response.end(body);
    return true;
  } catch {
    return false;
  }
}
