/** A text area that grows with what is in it. */
import { type Ref, type TextareaHTMLAttributes, useImperativeHandle, useLayoutEffect, useRef } from 'react';

interface Props extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly ref?: Ref<HTMLTextAreaElement>;
  readonly maxHeight: number;
}

export const GrowingTextField = ({ ref, maxHeight, value, ...rest }: Props) => {
  const field = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => field.current as HTMLTextAreaElement);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the value.
  useLayoutEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.height = '0';
    const border = area.offsetHeight - area.clientHeight;
    const height = area.scrollHeight + border;
    area.style.height = `${Math.min(height, maxHeight)}px`;
    area.style.overflowY = height > maxHeight ? 'auto' : 'hidden';
  }, [value, maxHeight]);
  return <textarea {...rest} ref={field} value={value} rows={1} />;
};
