/** Asks for the next page of a list; nothing when that was the last. */
import type { Pages } from '../lib/use-pages.ts';
import { Button } from './button.tsx';
import css from './more-button.module.css';

export const MoreButton = ({ more, loadingMore, loadMore }: Pick<Pages<unknown>, 'more' | 'loadingMore' | 'loadMore'>) =>
  more && (
    <div className={css.more}>
      <Button busy={loadingMore} onClick={loadMore} data-testid="more">
        Show more
      </Button>
    </div>
  );
