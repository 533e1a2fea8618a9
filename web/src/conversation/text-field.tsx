/** A text area that grows with what is in it, and underlines places of its text. */
import { type Ref, type TextareaHTMLAttributes, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { piecesOf, type Span } from '../guard/spans.ts';
import { classes } from '../lib/classes.ts';
import css from './text-field.module.css';

interface Props extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly ref?: Ref<HTMLTextAreaElement>;
  readonly value: string;
  readonly maxHeight: number;
  /** Places of the value to underline. */
  readonly underlined?: readonly Span[];
}

const NOWHERE: readonly Span[] = [];

export const GrowingTextField = ({ ref, maxHeight, value, underlined = NOWHERE, className, ...rest }: Props) => {
  const field = useRef<HTMLTextAreaElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  useImperativeHandle(ref, () => field.current as HTMLTextAreaElement);

  /** Lays the lines where those of the field are: it may be scrolled, and as much narrower as its scroll bar is wide. */
  const align = (): void => {
    const [area, behind] = [field.current, lines.current];
    if (area === null || behind === null) return;
    behind.style.width = `${area.clientWidth}px`;
    behind.style.height = `${area.clientHeight}px`;
    behind.scrollTop = area.scrollTop;
  };

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

  const isUnderlined = underlined.length > 0;
  useLayoutEffect(align);
  // The window may become another size without anything being drawn anew.
  useLayoutEffect(() => {
    const area = field.current;
    if (area === null || !isUnderlined) return;
    const observer = new ResizeObserver(align);
    observer.observe(area);
    return () => observer.disconnect();
  });

  return (
    <div className={css.field}>
      {isUnderlined && (
        <div ref={lines} aria-hidden className={classes(className, css.lines)} data-testid="underlined">
          {piecesOf(value, underlined).map(({ text, flagged }, index) =>
            flagged ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other name, and change with it.
              <span key={index} className={css.flagged}>
                {text}
              </span>
            ) : (
              text
            ),
          )}
          {/* A line that was just begun is as high as the others. */}
          {'\u200b'}
        </div>
      )}
      <textarea {...rest} ref={field} className={classes(className, css.area)} value={value} rows={1} onScroll={align} />
    </div>
  );
};
