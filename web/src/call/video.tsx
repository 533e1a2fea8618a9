/** Plays a track as a picture. Always in the page, so that a camera that comes back continues in the same place. */
import { useEffect, useRef } from 'react';
import { classes } from '../lib/classes.ts';
import css from './video.module.css';

interface Props {
  readonly track: MediaStreamTrack | undefined;
  /** One's own camera, as in a mirror. */
  readonly mirrored?: boolean;
  /** Shows all of the picture instead of filling the space. */
  readonly whole?: boolean;
}

export const Video = ({ track, mirrored = false, whole = false }: Props) => {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = track === undefined ? null : new MediaStream([track]);
    // A picture without sound may always play; where a browser thinks otherwise, autoPlay tries again when it may.
    if (track !== undefined) video.play().catch(() => {});
  }, [track]);
  return (
    <video
      ref={element}
      className={classes(css.video, mirrored && css.mirrored, whole && css.whole, track === undefined && css.dark)}
      autoPlay
      muted
      playsInline
    />
  );
};
