/** A camera and a microphone for tests: a moving picture and a tone, as real WebRTC tracks. */
import { RTCAudioSource, RTCVideoSource } from './wrtc.ts';

export interface FakeTrack {
  readonly track: MediaStreamTrack;
  stop(): void;
}

const FRAME_EVERY_MS = 50;
const SOUND_EVERY_MS = 10;
const SAMPLE_RATE = 48_000;

export const fakeCamera = ({ width = 320, height = 240 } = {}): FakeTrack => {
  const source = new RTCVideoSource();
  const track = source.createTrack() as MediaStreamTrack;
  const data = new Uint8ClampedArray(width * height * 1.5);
  let tick = 0;
  const timer = setInterval(() => {
    tick += 1;
    // A bar that moves over a flat picture: cheap to encode, and every frame differs.
    data.fill(128);
    for (let row = 0; row < height; row += 1)
      data.fill(255, row * width + ((tick * 8) % (width - 16)), row * width + ((tick * 8) % (width - 16)) + 16);
    source.onFrame({ width, height, data } as unknown as Parameters<typeof source.onFrame>[0]);
  }, FRAME_EVERY_MS);
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
};

export const fakeMicrophone = ({ loudness = 8_000 } = {}): FakeTrack => {
  const source = new RTCAudioSource();
  const track = source.createTrack() as MediaStreamTrack;
  const samples = new Int16Array((SAMPLE_RATE / 1_000) * SOUND_EVERY_MS);
  for (let at = 0; at < samples.length; at += 1) samples[at] = loudness * Math.sin((at / SAMPLE_RATE) * 500 * 2 * Math.PI);
  const timer = setInterval(() => {
    source.onData({ samples, sampleRate: SAMPLE_RATE, bitsPerSample: 16, channelCount: 1, numberOfFrames: samples.length });
  }, SOUND_EVERY_MS);
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
};
