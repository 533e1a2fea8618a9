/** Choosing camera, microphone and speaker, before a call. */
import { ChevronDown } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { chooseDevice, useDeviceChoice } from './device-choice.ts';
import css from './device-fields.module.css';
import type { LocalKind } from './devices.ts';
import { canChooseSpeaker, useDevices } from './use-devices.ts';

interface Props {
  readonly renewal: string;
  /** Another microphone or camera was chosen. */
  readonly onChange: (kind: LocalKind) => void;
  /** Shown under the microphone. */
  readonly level: ReactNode;
}

export const DeviceFields = ({ renewal, onChange, level }: Props) => {
  const devices = useDevices(renewal);
  return (
    <div className={css.fields}>
      <DeviceField kind="videoinput" label="Camera" devices={devices} onChange={() => onChange('camera')} />
      <div>
        <DeviceField kind="audioinput" label="Microphone" devices={devices} onChange={() => onChange('microphone')} />
        <div className={css.level}>{level}</div>
      </div>
      {canChooseSpeaker() && <DeviceField kind="audiooutput" label="Speaker" devices={devices} />}
    </div>
  );
};

interface FieldProps {
  readonly kind: MediaDeviceKind;
  readonly label: string;
  readonly devices: readonly MediaDeviceInfo[];
  readonly onChange?: () => void;
}

const DeviceField = ({ kind, label, devices, onChange }: FieldProps) => {
  const choice = useDeviceChoice();
  const fieldId = useId();
  const options = devices.filter((device) => device.kind === kind);
  const chosen = options.some(({ deviceId }) => deviceId === choice[kind]) ? choice[kind] : options[0]?.deviceId;
  return (
    <div className={css.field}>
      <label htmlFor={fieldId}>{label}</label>
      <div className={css.choice}>
        <select
          id={fieldId}
          value={chosen ?? ''}
          disabled={options.length === 0}
          onChange={(event) => {
            chooseDevice(kind, event.target.value);
            onChange?.();
          }}
        >
          {options.length === 0 && <option value="">None found</option>}
          {options.map(({ deviceId, label: name }) => (
            <option key={deviceId} value={deviceId}>
              {name || label}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden size={14} />
      </div>
    </div>
  );
};
