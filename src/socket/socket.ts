/** The socket stop, as the rest of the gateway sees it: it moves bytes and knows neither JSON nor sessions. */
import type { CloseReason } from '../../protocol/index.ts';

export interface Socket {
  /** For logs: counts up in a process. */
  readonly socketId: number;
  /** False when the frame was not taken because the socket is over its limit or gone. */
  send(frame: string): boolean;
  /** Bytes accepted by `send` that have not left yet. */
  bufferedBytes(): number;
  close(reason: CloseReason): void;
}

/** What the gateway does with one socket. */
export interface SocketHandler {
  /** One frame, text or binary; the bytes are the handler's to keep. */
  receive(bytes: ArrayBuffer): void;
  /** The socket is gone, whoever closed it. */
  closed(): void;
}
