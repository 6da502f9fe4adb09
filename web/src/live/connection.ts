import { EVENTS, STREAM, type Link, type Message } from './message.ts';

const BACKOFF_MS = [1_000, 2_000, 5_000, 10_000];
/** A connection that says nothing for this long, or four intervals if that is longer, is taken for dead. */
const SILENCE_MS = 15_000;

/**
 * The live connection: an EventSource that comes back by itself after 1, 2, 5, then every 10 s.
 *
 * The browser's own reconnect is not used: it gives up for good on any answer but 200, as when a proxy says 502
 * while the desk restarts.
 */
export class Connection {
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private silence = SILENCE_MS;

  constructor(private readonly emit: (message: Message) => void) {}

  open(): void {
    if (this.source !== null) return;
    clearTimeout(this.timer);
    const source = new EventSource(STREAM);
    this.source = source;
    this.watch();
    source.onopen = () => this.link({ up: true, retryAt: null });
    source.onerror = () => this.lost();
    for (const kind of EVENTS) {
      source.addEventListener(kind, (event: MessageEvent<string>) => this.receive(kind, event.data));
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  private receive(kind: (typeof EVENTS)[number], text: string): void {
    const message = { kind, data: JSON.parse(text) as unknown } as Message;
    if (message.kind === 'vitals') this.silence = Math.max(SILENCE_MS, 4 * message.data.interval_ms);
    this.failures = 0;
    this.watch();
    this.emit(message);
  }

  private watch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lost(), this.silence);
  }

  private lost(): void {
    this.close();
    const wait = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length - 1)] ?? 10_000;
    this.failures += 1;
    this.timer = setTimeout(() => this.open(), wait);
    this.link({ up: false, retryAt: Date.now() + wait });
  }

  private link(link: Link): void {
    this.emit({ kind: 'link', data: link });
  }
}
