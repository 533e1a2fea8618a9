/** An ordinary link to a place in the application: opens in a new tab when asked to, navigates without a load otherwise. */
import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { pathOf, type Route, useNavigate } from './route.ts';

type Props = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & { readonly to: Route; readonly replace?: boolean };

const isPlainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

export const Link = ({ to, replace = false, onClick, ...rest }: Props) => {
  const navigate = useNavigate();
  return (
    <a
      {...rest}
      href={pathOf(to) + location.search}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || !isPlainClick(event)) return;
        event.preventDefault();
        navigate(to, { replace });
      }}
    />
  );
};
