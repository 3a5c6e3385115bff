export function Brand() {
  return (
    <svg viewBox="0 0 18 18" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
      <path d="M3 2v14M15 2v14M3 9h4M11 9h4" />
    </svg>
  );
}
