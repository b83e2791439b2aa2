// The label on everything that a simulated model says: nobody shall take it for the real thing.

export function Simulated() {
  return (
    <span
      title="A simulated model wrote this. It needs no key and no network, and knows nothing."
      className="inline-flex shrink-0 items-center align-middle rounded border border-dashed border-line-strong px-1.5 text-2xs font-medium text-dim"
    >
      Simulated
    </span>
  );
}
