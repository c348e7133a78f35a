/** The one way the desk talks to the service: JSON, the session's cookie, the CSRF header on every change. */

const TIMEOUT_MS = 15_000;

/** The service said no, or could not be reached (`status` 0). `message` is Chinese, `messageEn` English. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly messageEn: string,
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

let csrf = '';
let whenSignedOut: () => void = () => undefined;

/** Remember the token that every change must carry. */
export function useCsrf(token: string): void {
  csrf = token;
}

/** Call this once when the service says that the session is over. */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

export function get<Body>(path: string): Promise<Body> {
  return call('GET', path);
}

export function post<Body>(path: string, body: unknown = {}, timeoutMs = TIMEOUT_MS): Promise<Body> {
  return call('POST', path, body, timeoutMs);
}

/** Hand in a file as it is. */
export function upload<Body>(path: string, file: Blob, timeoutMs: number): Promise<Body> {
  return call('POST', path, file, timeoutMs);
}

export function patch(path: string, body: unknown): Promise<unknown> {
  return call('PATCH', path, body);
}

export function put<Body>(path: string, body: unknown): Promise<Body> {
  return call('PUT', path, body);
}

export function remove(path: string): Promise<unknown> {
  return call('DELETE', path);
}

async function call<Body>(method: string, path: string, body?: unknown, timeoutMs = TIMEOUT_MS): Promise<Body> {
  const headers: Record<string, string> = {};
  const isFile = body instanceof Blob;
  if (body !== undefined) headers['Content-Type'] = isFile ? 'application/octet-stream' : 'application/json';
  if (method !== 'GET' && csrf) headers['X-Zhida-CSRF'] = csrf;
  const options = { method, headers, ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }) };
  const response = await reach(path, options, timeoutMs);
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Body;
  const error = toError(response.status, answer);
  if (response.status === 401 && path !== '/v1/session') whenSignedOut();
  throw error;
}

async function reach(path: string, options: RequestInit, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(path, { ...options, credentials: 'same-origin', signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    throw new ApiError(
      0,
      'unreachable',
      '连不上服务，请检查网络后重试。',
      'The service cannot be reached. Check the network and try again.',
    );
  }
}

function toError(status: number, answer: unknown): ApiError {
  const body = (answer as { error?: Record<string, unknown> } | null)?.error ?? {};
  const reference = typeof body['reference'] === 'string' ? `（${body['reference']}）` : '';
  const zh = text(body['message']) ?? `服务返回了错误 ${status}，请稍后再试。`;
  const en = text(body['message_en']) ?? text(body['message']) ?? `The service answered ${status}. Please try again.`;
  return new ApiError(status, text(body['code']) ?? 'http_error', zh + reference, en + reference, body);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
