/** A page of the application beside the sidebar: its title, the way back, and what scrolls. */
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from '../app/link.tsx';
import type { Route } from '../app/route.ts';
import { classes } from '../lib/classes.ts';
import css from './page.module.css';

interface Props {
  readonly title: string;
  /** Where one came from. On the first page of a place only a phone has somewhere to go back to. */
  readonly back: { readonly to: Route; readonly label: string; readonly onPhone?: boolean };
  readonly children: ReactNode;
}

export const Page = ({ title, back, children }: Props) => (
  <div className={css.page}>
    <PageHeader back={back}>
      <h1>{title}</h1>
    </PageHeader>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
    <section className={css.scroller} aria-label={title} tabIndex={0}>
      <div className={css.column}>{children}</div>
    </section>
  </div>
);

export const PageHeader = ({ back, children }: Pick<Props, 'back' | 'children'>) => (
  <header className={css.header}>
    <Link to={back.to} className={classes(css.back, back.onPhone === true && css.onPhone)} aria-label={back.label}>
      <ArrowLeft aria-hidden size={20} />
    </Link>
    {children}
  </header>
);
