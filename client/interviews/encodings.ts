/** How each source is encoded: what the SFU can choose from, and what the network has to carry. */
import type { types } from 'mediasoup-client';
import type { MediaSource } from '../../protocol/index.ts';

type Encoding = Pick<types.ProducerOptions, 'encodings' | 'codecOptions' | 'codec'>;

/**
 * A camera at 720p in three layers. The lowest fits a bad network: below it an SFU sends no picture at all. Together
 * they stay well below what one participant may send.
 */
const CAMERA: types.RtpEncodingParameters[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 140_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 1, maxBitrate: 1_600_000, scalabilityMode: 'L1T3' },
];

/** One layer: small print is legible or it is not. */
const SCREEN: types.RtpEncodingParameters[] = [{ maxBitrate: 2_500_000 }];

/** Silence costs next to nothing, and a lost packet is made up for from the next one. */
const SPEECH: types.ProducerCodecOptions = {
  opusStereo: false,
  opusDtx: true,
  opusFec: true,
  opusMaxAverageBitrate: 40_000,
};
const MUSIC: types.ProducerCodecOptions = { opusStereo: true, opusDtx: false, opusFec: true, opusMaxAverageBitrate: 96_000 };

export const encodingOf = (source: MediaSource, capabilities: types.RtpCapabilities): Encoding => {
  switch (source) {
    case 'microphone':
      return { codecOptions: SPEECH };
    case 'screen-audio':
      return { codecOptions: MUSIC };
    case 'camera':
      return { encodings: CAMERA.map((encoding) => ({ ...encoding })), ...vp8(capabilities) };
    case 'screen':
      return { encodings: SCREEN.map((encoding) => ({ ...encoding })), ...vp8(capabilities) };
  }
};

/** What every browser can simulcast. */
const vp8 = ({ codecs = [] }: types.RtpCapabilities): Pick<Encoding, 'codec'> => {
  const codec = codecs.find(({ mimeType }) => mimeType.toLowerCase() === 'video/vp8');
  return codec === undefined ? {} : { codec };
};
