/** Parley's mark: a P that is a speech bubble. The same drawing as public/favicon.svg. */
export const Logo = ({ size = 28 }: { readonly size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="#0b6574" />
    <path
      fill="#fff"
      fillRule="evenodd"
      d="M9 25.2V11.6A4.6 4.6 0 0 1 13.6 7h4.7a6.2 6.2 0 0 1 0 12.4h-2.6l-5.3 6.3a.8.8 0 0 1-1.4-.5zm5.1-14.1a.9.9 0 0 0-.9.9v2.4c0 .5.4.9.9.9h4.1a2.1 2.1 0 0 0 0-4.2z"
    />
  </svg>
);
