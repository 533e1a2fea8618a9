/** Before a call: how one looks and sounds, which devices are used, and joining. */
import { Mic, MicOff, Phone, Video as VideoIcon, VideoOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { ProtocolError } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { interviewText } from '../conversation/interview-text.ts';
import { classes } from '../lib/classes.ts';
import { focusedBeside } from '../lib/focus.ts';
import { useReadable } from '../lib/use-readable.ts';
import { HelpNote } from '../news/help-note.tsx';
import { firstNameOf, namesText, unknownUser } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog, DialogBody } from '../ui/dialog.tsx';
import { Spinner } from '../ui/spinner.tsx';
import type { Stage } from './call-desk.ts';
import { useCallDesk } from './call-provider.tsx';
import { DeviceFields } from './device-fields.tsx';
import type { LocalKind } from './devices.ts';
import { LevelMeter } from './level-meter.tsx';
import { createLocalMedia, type Source } from './local-media.ts';
import css from './pre-join.module.css';
import { useInterview } from './use-interview.ts';
import { Video } from './video.tsx';

export const PreJoin = ({ stage }: { readonly stage: Extract<Stage, { is: 'prejoin' }> }) => {
  const { client } = useParley();
  const me = useMe();
  const desk = useCallDesk();
  const { users } = useReadable(client.inbox);
  const interview = useInterview(stage.interview);
  const [error, setError] = useState<string | null>(null);
  const isVideo = interview.media === 'video';
  const [media] = useState(() => createLocalMedia(isVideo ? ['microphone', 'camera'] : ['microphone']));
  const { microphone, camera } = useReadable(media.view);

  useEffect(() => {
    void media.start();
    return () => media.stop();
  }, [media]);

  const join = async (): Promise<void> => {
    setError(null);
    const tracks = media.handOver();
    try {
      await desk.join(tracks);
    } catch (refusal) {
      for (const track of Object.values(tracks)) track.stop();
      setError(refusal instanceof ProtocolError ? refusal.message : 'The call could not be joined. Try again.');
      for (const kind of ['microphone', 'camera'] as const) if (tracks[kind] !== undefined) void media.turnOn(kind);
    }
  };

  // It cannot have the focus before it can be pressed; whoever has moved on by then is left alone.
  const opening = microphone.status === 'opening' || camera.status === 'opening';
  const joinButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const button = joinButton.current;
    if (!opening && button !== null && focusedBeside(button)?.getAttribute('role') === 'dialog') button.focus();
  }, [opening]);

  const others = [interview.startedBy, ...interview.invitedIds].filter((userId) => userId !== me.userId);
  const names = namesText(others.map((userId) => firstNameOf(users.get(userId) ?? unknownUser(userId))));
  const over = interview.state !== 'ringing' && interview.state !== 'live';
  const status = over
    ? interviewText(interview, me.userId, users).text
    : interview.state === 'live'
      ? others.length === 1
        ? `${names} is waiting for you.`
        : 'The call is on.'
      : interview.startedBy === me.userId
        ? `Ringing ${names}…`
        : `${names} ${others.length === 1 ? 'is' : 'are'} calling.`;

  return (
    <Dialog title={`${isVideo ? 'Video' : 'Audio'} call with ${names}`} shape="wide" onClose={() => desk.leave()}>
      <DialogBody>
        <div className={css.columns}>
          <div className={css.preview}>
            <Video track={camera.status === 'on' ? camera.track : undefined} mirrored />
            {camera.status !== 'on' && (
              <div className={css.without}>
                {camera.status === 'opening' ? (
                  <Spinner size={28} />
                ) : (
                  <>
                    <Avatar user={me} size="xl" />
                    <span>Your camera is off</span>
                  </>
                )}
              </div>
            )}
            <div className={css.toggles}>
              <Toggle
                kind="microphone"
                source={microphone}
                onTurn={(on) => (on ? media.turnOn('microphone') : media.turnOff('microphone'))}
              />
              <Toggle kind="camera" source={camera} onTurn={(on) => (on ? media.turnOn('camera') : media.turnOff('camera'))} />
            </div>
          </div>
          <div className={css.side}>
            <p className={classes(css.status, interview.state === 'ringing' && css.ringing)} role="status">
              {status}
            </p>
            <DeviceFields
              renewal={`${microphone.status} ${camera.status}`}
              onChange={(kind) => {
                if (media.view.get()[kind].status !== 'off') void media.turnOn(kind);
              }}
              level={microphone.status === 'on' ? <LevelMeter track={microphone.track} /> : null}
            />
            <Problem source={microphone} onRetry={() => media.turnOn('microphone')} />
            <Problem source={camera} onRetry={() => media.turnOn('camera')} />
            {error !== null && (
              <p className={css.problem} role="alert">
                {error}
              </p>
            )}
            <div className={css.actions}>
              {over ? (
                <Button size="l" wide onClick={desk.close}>
                  Close
                </Button>
              ) : (
                <Button
                  ref={joinButton}
                  size="l"
                  tone="success"
                  wide
                  icon={isVideo ? VideoIcon : Phone}
                  busy={stage.joining}
                  disabled={opening}
                  data-testid="prejoin-join"
                  onClick={join}
                >
                  Join
                </Button>
              )}
            </div>
            <HelpNote noteId="interview-practice" />
          </div>
        </div>
      </DialogBody>
    </Dialog>
  );
};

const ICONS = { microphone: [Mic, MicOff], camera: [VideoIcon, VideoOff] } as const;

const Toggle = ({
  kind,
  source,
  onTurn,
}: {
  readonly kind: LocalKind;
  readonly source: Source;
  readonly onTurn: (on: boolean) => void;
}) => {
  const isOn = source.status === 'on' || source.status === 'opening';
  const [On, Off] = ICONS[kind];
  return (
    <IconButton
      label={`Turn ${isOn ? 'off' : 'on'} the ${kind}`}
      icon={isOn ? On : Off}
      size="l"
      tip="above"
      tone={isOn ? 'secondary' : 'danger'}
      data-testid={`prejoin-${kind}`}
      onClick={() => onTurn(!isOn)}
    />
  );
};

const Problem = ({ source, onRetry }: { readonly source: Source; readonly onRetry: () => void }) =>
  source.status !== 'failed' ? null : (
    <div className={css.problem} role="alert">
      <p>{source.text}</p>
      <Button size="s" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
