/** A WebSocket without the SDK: sends any bytes, keeps every frame, waits for what is asked. */
import WebSocket from 'ws';
import type { PayloadInput, RequestType, Result, WireError } from '../../protocol/index.ts';
import { until } from './until.ts';

export type Frame = Record<string, any>;

export class RawSocket {
  readonly frames: Frame[] = [];
  /** Set once the socket is closed. */
  closed: { code: number; reason: string } | undefined;
  readonly ws: WebSocket;
  #nextId = 1;

  static connect(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(url, { headers, perMessageDeflate: false });
      const socket = new RawSocket(ws);
      ws.once('open', () => resolve(socket));
      ws.once('error', reject);
    });
  }

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => this.frames.push(JSON.parse(data.toString())));
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    ws.on('error', () => {});
  }

  send(frame: string | Uint8Array): void {
    this.ws.send(frame);
  }

  /** Sends a request and returns its id. */
  ask(type: string, payload: unknown): number {
    const id = this.#nextId++;
    this.send(JSON.stringify({ id, type, payload }));
    return id;
  }

  /** The whole reply to a request, error or not. */
  reply(id: number | null): Promise<Frame> {
    return until(`the reply to request ${id}`, () => this.frames.find((frame) => 'id' in frame && frame.id === id));
  }

  /** The result; throws when the reply is an error. */
  async request<Type extends RequestType>(type: Type, payload: PayloadInput<Type>): Promise<Result<Type>> {
    const reply = await this.reply(this.ask(type, payload));
    if (reply.error !== undefined) throw new Error(`${type} was answered ${reply.error.code}: ${reply.error.message}`);
    return reply.result;
  }

  /** The error; throws when there is none. */
  async refused(type: string, payload: unknown): Promise<WireError> {
    const reply = await this.reply(this.ask(type, payload));
    if (reply.error === undefined) throw new Error(`${type} was not refused`);
    return reply.error;
  }

  /** Pushes of one name, in the order they came. */
  pushes(name: string): Frame[] {
    return this.frames.filter((frame) => frame.push === name);
  }

  /** Waits for a durable push. */
  inbox(what: string, match: (event: Frame) => boolean): Promise<Frame> {
    return until(`a push of ${what}`, () => this.pushes('inbox').find((frame) => match(frame.event)));
  }

  whenClosed(): Promise<{ code: number; reason: string }> {
    return until('the socket to close', () => this.closed);
  }

  /** Cuts the connection without a goodbye. */
  terminate(): void {
    this.ws.terminate();
  }
}
