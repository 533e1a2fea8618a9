/** The frame stop: bytes into a request, validated once; nothing past it sees `unknown`. Replies and errors back into text. */
import {
  MAX_FRAME_BYTES,
  type Payload,
  ProtocolError,
  type Push,
  REQUESTS,
  RequestFrame,
  type RequestType,
} from '../../protocol/index.ts';

/** A request whose payload fits its type. */
export type Request = {
  [Type in RequestType]: { readonly id: number; readonly type: Type; readonly payload: Payload<Type> };
}[RequestType];

/** Why a frame is no request, and the id to answer under when it had one. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly id: number | null;
  readonly error: ProtocolError;

  constructor(id: number | null, error: ProtocolError) {
    super(error.message);
    this.id = id;
    this.error = error;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const parse = (bytes: ArrayBuffer): unknown => {
  if (bytes.byteLength > MAX_FRAME_BYTES) {
    throw new FrameError(
      null,
      new ProtocolError('too_large', `A frame has at most ${MAX_FRAME_BYTES} bytes; this one has ${bytes.byteLength}.`),
    );
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new FrameError(null, new ProtocolError('malformed', 'The frame is not valid UTF-8.'));
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new FrameError(null, new ProtocolError('malformed', 'The frame is not valid JSON.'));
  }
};

const idOf = (value: unknown): number | null => {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
};

/** Throws a FrameError. */
export const decodeRequest = (bytes: ArrayBuffer): Request => {
  const value = parse(bytes);
  const frame = RequestFrame.safeParse(value);
  if (!frame.success) throw new FrameError(idOf(value), ProtocolError.fromZod(frame.error));
  const { id, type } = frame.data;
  if (!Object.hasOwn(REQUESTS, type))
    throw new FrameError(id, new ProtocolError('unknown_type', 'There is no request of this type.'));
  const payload = REQUESTS[type as RequestType].payload.safeParse(frame.data.payload ?? {});
  if (!payload.success) throw new FrameError(id, ProtocolError.fromZod(payload.error));
  return { id, type, payload: payload.data } as Request;
};

export const encodeResult = (id: number, result: unknown): string => JSON.stringify({ id, result });
export const encodeError = (id: number | null, error: ProtocolError): string => JSON.stringify({ id, error: error.toWire() });
export const encodePush = (push: Exclude<Push, { push: 'inbox' }>): string => JSON.stringify(push);
