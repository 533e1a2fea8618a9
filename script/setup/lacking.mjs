// What the set-up lacks and may not install itself: collected over all steps, so that a person installs it once.
import { SetupError } from './say.mjs';
import { onPath } from './shell.mjs';

/** Debian's packages that a step needs; `why` ends the sentence "… is needed to", `wayOut` is another way than to install them. */
export class MissingPackages extends SetupError {
  constructor(packages, why, wayOut) {
    super(lackingText([{ packages, why, wayOut }]));
    Object.assign(this, { packages, why, wayOut });
  }
}

/** One message for all that is missing: each package once, then what it is for. */
export function lackingText(lacking, hasApt = onPath('apt-get')) {
  const packages = [...new Set(lacking.flatMap((each) => each.packages))].join(' ');
  const reasons = lacking.map((each) => `  to ${each.why}: ${each.packages.join(' ')}`);
  const waysOut = lacking.flatMap(({ wayOut }) => wayOut ?? []);
  const head = hasApt
    ? `Some packages are missing. Install them and run this again:\n  sudo apt-get install --no-install-recommends ${packages}`
    : `Some packages are missing, and apt-get is not here to install them. Their names in Debian:\n  ${packages}`;
  return [head, 'They are needed', ...reasons, ...waysOut].join('\n');
}

/** `collect` makes a step that lacks packages end in peace; `end` throws what all of them lack, if anything. */
export function collectLacking() {
  const lacking = [];
  return {
    collect: (work) => async (steps) => {
      try {
        return await work(steps);
      } catch (error) {
        if (!(error instanceof MissingPackages)) throw error;
        lacking.push(error);
        return 'lacks packages';
      }
    },
    end() {
      if (lacking.length > 0) throw new SetupError(lackingText(lacking));
    },
  };
}
