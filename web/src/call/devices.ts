/** Opening cameras, microphones and screens, and what to tell a person when one cannot be opened. */
import { readDeviceChoice } from './device-choice.ts';

export type LocalKind = 'microphone' | 'camera';

/**
 * The device that was chosen and no other: as a mere wish it would lose against the size and rate that are wished for, where another
 * device has those.
 */
const chosen = (kind: MediaDeviceKind): { deviceId?: ConstrainDOMString } => {
  const deviceId = readDeviceChoice()[kind];
  return deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
};

/** What browsers say of a device that was asked for by name and is not there. */
const GONE = ['OverconstrainedError', 'NotFoundError'];

const MICROPHONE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

const microphone = (): MediaTrackConstraints => ({ ...MICROPHONE, ...chosen('audioinput') });
const camera = (): MediaTrackConstraints => ({ ...CAMERA, ...chosen('videoinput') });

const open = async (constraints: MediaStreamConstraints): Promise<MediaStream> => {
  // Undefined on pages that were not served securely.
  if (navigator.mediaDevices === undefined) throw new DOMException('', 'SecurityError');
  return navigator.mediaDevices.getUserMedia(constraints);
};

/** The microphone or the camera of one's choice; any, where that one is gone. */
export const openDevice = async (kind: LocalKind): Promise<MediaStreamTrack> => {
  const wanted = kind === 'microphone' ? { audio: microphone() } : { video: camera() };
  const any = kind === 'microphone' ? { audio: MICROPHONE } : { video: CAMERA };
  const stream = await open(wanted).catch((error: unknown) => {
    if (!GONE.includes(nameOf(error))) throw error;
    return open(any);
  });
  const [track] = stream.getTracks();
  if (track === undefined) throw new DOMException('', 'NotFoundError');
  return track;
};

/** Both, by one question to the person; rejects where one that was chosen is gone. */
export const openBoth = async (): Promise<Record<LocalKind, MediaStreamTrack>> => {
  const stream = await open({ audio: microphone(), video: camera() });
  const [[audio], [video]] = [stream.getAudioTracks(), stream.getVideoTracks()];
  if (audio === undefined || video === undefined) throw new DOMException('', 'NotFoundError');
  return { microphone: audio, camera: video };
};

export const canShareScreen = (): boolean => navigator.mediaDevices !== undefined && 'getDisplayMedia' in navigator.mediaDevices;

/** What the person chose to show, with its sound if they gave it; null when they thought better of it. */
export const openScreen = async (): Promise<{ screen: MediaStreamTrack; audio?: MediaStreamTrack } | null> => {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true });
    const [[screen], [audio]] = [stream.getVideoTracks(), stream.getAudioTracks()];
    if (screen === undefined) return null;
    // Text stays sharp when frames have to give.
    screen.contentHint = 'detail';
    return audio === undefined ? { screen } : { screen, audio };
  } catch (error) {
    if (nameOf(error) === 'NotAllowedError' || nameOf(error) === 'AbortError') return null;
    throw error;
  }
};

const nameOf = (error: unknown): string => (error instanceof Error || error instanceof DOMException ? error.name : '');

/** Why a device could not be opened, and what to do about it. */
export const deviceErrorText = (error: unknown, kind: LocalKind): string => {
  switch (nameOf(error)) {
    case 'NotAllowedError':
      return `The browser does not let Parley use your ${kind}. Allow it at the icon in the address bar, then try again.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${kind} was found. Connect one, then try again.`;
    case 'NotReadableError':
    case 'AbortError':
      return `Your ${kind} is there but cannot be used: another program may have it. Close that, then try again.`;
    case 'SecurityError':
      return `Browsers give the ${kind} to secure pages only. Open Parley by https, or at localhost.`;
    default:
      return `Your ${kind} could not be opened. Try again.`;
  }
};
