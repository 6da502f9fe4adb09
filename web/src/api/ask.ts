/** One place that talks HTTP to the desk. Every question has a deadline. */

const DEADLINE_MS = 15_000;

/** The desk refused or could not answer; `status` is 0 when it did not answer at all. */
export class AskError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'AskError';
  }
}

/** GET a JSON document. Throws AskError. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return read<T>(path, signal === undefined ? {} : { signal });
}

/** POST a JSON document and read the JSON answer. Throws AskError. */
export async function tell<T>(path: string, body: unknown): Promise<T> {
  return read<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function read<T>(path: string, options: RequestInit): Promise<T> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  let response: Response;
  try {
    response = await fetch(path, { ...options, signal, credentials: 'same-origin' });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new AskError(0, deadline.aborted ? `no answer within ${DEADLINE_MS / 1000} s` : 'the desk does not answer');
  }
  if (!response.ok) throw new AskError(response.status, await sentence(response));
  return (await response.json()) as T;
}

/** The desk's own sentence about what went wrong, in whichever of its two forms it came. */
async function sentence(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as Record<string, unknown>;
    for (const key of ['error', 'detail', 'message']) {
      if (typeof body[key] === 'string') return body[key];
    }
  } catch {
    // Not JSON: the status line is all there is to say.
  }
  return `${response.status} ${response.statusText}`.trim();
}
