/**
 * A microphone that somebody speaks into, as a WAV file for Chromium's `--use-file-for-fake-audio-capture`, which repeats it: the beeps
 * that it gives by itself are too short and far between to be heard as somebody speaking.
 */
import { writeFileSync } from 'node:fs';

const RATE = 48_000;
const SECONDS = 4;
/** Syllables in a second, each rising and falling. */
const SYLLABLES = 4;
const PITCH_HZ = 140;
const LOUDNESS = 0.5;

/** A buzz of the vocal cords with its overtones, gliding up and down as a voice does. */
const voiceAt = (second: number): number => {
  const phase = 2 * Math.PI * (PITCH_HZ * second + 4 * Math.sin(2 * Math.PI * second));
  const buzz = [1, 0.7, 0.5, 0.4, 0.3, 0.2].reduce((sum, part, index) => sum + part * Math.sin((index + 1) * phase), 0) / 3.1;
  return buzz * Math.sin(Math.PI * ((second * SYLLABLES) % 1)) ** 0.5;
};

export const writeFakeVoice = (path: string): void => {
  const samples = RATE * SECONDS;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  // Sixteen bytes of format: PCM, one channel, its rates, two bytes a sample.
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index++)
    wav.writeInt16LE(Math.round(voiceAt(index / RATE) * LOUDNESS * 32_767), 44 + index * 2);
  writeFileSync(path, wav);
};
