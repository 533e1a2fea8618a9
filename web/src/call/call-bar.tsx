/** The controls of a call. */
import {
  Maximize2,
  MessageSquareText,
  Mic,
  MicOff,
  Minimize2,
  PhoneOff,
  ScreenShare,
  ScreenShareOff,
  Settings2,
  Video,
  VideoOff,
} from 'lucide-react';
import { Button, IconButton } from '../ui/button.tsx';
import { Menu, type MenuSection } from '../ui/menu.tsx';
import css from './call-bar.module.css';
import { chooseDevice, useDeviceChoice } from './device-choice.ts';
import { canShareScreen, type LocalKind } from './devices.ts';
import type { CallControls } from './use-call-controls.ts';
import { canChooseSpeaker, useDevices } from './use-devices.ts';

interface Props {
  readonly controls: CallControls;
  readonly mayEnd: boolean;
  /** How the call is shown, and what the button for it does. */
  readonly shape: 'docked' | 'full' | 'phone';
  readonly onShape: () => void;
  readonly onLeave: () => void;
  readonly onEnd: () => void;
}

const SHAPES = {
  docked: { label: 'Fill the window', icon: Maximize2 },
  full: { label: 'Show the conversation', icon: Minimize2 },
  phone: { label: 'Show the conversation', icon: MessageSquareText },
} as const;

export const CallBar = ({ controls, mayEnd, shape, onShape, onLeave, onEnd }: Props) => {
  const { microphone, camera, screen } = controls;
  return (
    <div className={css.bar} role="toolbar" aria-label="Call controls">
      <div className={css.group}>
        <IconButton
          label={microphone ? 'Mute' : 'Unmute'}
          icon={microphone ? Mic : MicOff}
          size="l"
          tip="above"
          shortcut="M"
          tone={microphone ? 'secondary' : 'danger'}
          data-testid="toggle-mic"
          data-on={microphone}
          disabled={controls.busy.has('microphone')}
          onClick={controls.toggleMicrophone}
        />
        <IconButton
          label={camera ? 'Turn the camera off' : 'Turn the camera on'}
          icon={camera ? Video : VideoOff}
          size="l"
          tip="above"
          shortcut="V"
          tone={camera ? 'secondary' : 'danger'}
          data-testid="toggle-camera"
          data-on={camera}
          disabled={controls.busy.has('camera')}
          onClick={controls.toggleCamera}
        />
        {canShareScreen() && (
          <IconButton
            label={screen ? 'Stop sharing' : 'Share your screen'}
            icon={screen ? ScreenShareOff : ScreenShare}
            size="l"
            tip="above"
            tone={screen ? 'primary' : 'secondary'}
            data-testid="toggle-screen"
            onClick={controls.toggleScreen}
          />
        )}
        <DeviceMenu renew={controls.renew} />
        <IconButton {...SHAPES[shape]} size="l" tip="above" tone="secondary" data-testid="call-shape" onClick={onShape} />
      </div>
      <div className={css.group}>
        <IconButton label="Leave" icon={PhoneOff} size="l" tip="above" tone="danger" data-testid="leave" onClick={onLeave} />
        {mayEnd && (
          <Button size="l" data-testid="end-for-all" onClick={onEnd}>
            End for all
          </Button>
        )}
      </div>
    </div>
  );
};

const KINDS = [
  { kind: 'audioinput', title: 'Microphone', local: 'microphone' },
  { kind: 'videoinput', title: 'Camera', local: 'camera' },
  { kind: 'audiooutput', title: 'Speaker', local: null },
] as const;

const DeviceMenu = ({ renew }: { readonly renew: (kind: LocalKind) => void }) => {
  const devices = useDevices();
  const choice = useDeviceChoice();
  const sections = KINDS.flatMap(({ kind, title, local }): MenuSection[] => {
    const options = devices.filter((device) => device.kind === kind);
    if (options.length === 0 || (kind === 'audiooutput' && !canChooseSpeaker())) return [];
    const chosen = options.find(({ deviceId }) => deviceId === choice[kind]) ?? options[0];
    const items = options.map((device, index) => ({
      label: device.label || `${title} ${index + 1}`,
      checked: device === chosen,
      run: () => {
        chooseDevice(kind, device.deviceId);
        if (local !== null) renew(local);
      },
    }));
    return [{ title, items }];
  });
  if (sections.length === 0) return null;
  return (
    <Menu
      label="Devices"
      sections={sections}
      trigger={(props) => <IconButton {...props} label="Devices" icon={Settings2} size="l" tip="above" tone="secondary" />}
    />
  );
};
