/**
 * WebRTC in Node, for tests. One thing of the library is put right: reading `localDescription` while a candidate is added to it ends the process
 * with SIGSEGV (node-webrtc, issue 696), because the native getter does not wait for the thread that writes. What was set is told instead, which
 * is the same but for the candidates.
 */
import wrtc from '@roamhq/wrtc';

export const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = wrtc.nonstandard;

/** The library's own connection, under its face. */
interface Native {
  readonly localDescription: { type: string; sdp: string } | null;
}

export class RTCPeerConnection extends wrtc.RTCPeerConnection {
  #local: Native['localDescription'] = null;

  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    const { _pc: native } = this as unknown as { _pc: Native };
    Object.defineProperty(native, 'localDescription', { get: () => this.#local });
  }

  override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    const { type, sdp } = description ?? {};
    if (type === undefined || sdp === undefined) throw new TypeError('Tests name the description that they set.');
    await super.setLocalDescription(description);
    this.#local = { type, sdp };
  }
}

/** mediasoup-client takes the browser's classes from the global object. */
export const provideWebRtc = (): void => {
  const { RTCSessionDescription, MediaStream, MediaStreamTrack } = wrtc;
  Object.assign(globalThis, { RTCPeerConnection, RTCSessionDescription, MediaStream, MediaStreamTrack });
};
