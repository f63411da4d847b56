// The QR code of an invitation, drawn from the path the node makes.

export interface Invitation {
  event: string;
  code: string;
  url: string;
  qr: { size: number; path: string } | null;
}

const quiet = 4; // modules, as the standard has it

export function Qr({ of, label }: { of: Invitation; label: string }) {
  if (!of.qr) return null;
  const side = of.qr.size + 2 * quiet;
  return (
    <svg class="qr" viewBox={`${-quiet} ${-quiet} ${side} ${side}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect x={-quiet} y={-quiet} width={side} height={side} fill="#fff" />
      <path d={of.qr.path} fill="#000" />
    </svg>
  );
}

// The address without its scheme and code, as people type it.
export function typedAddress({ url, code }: Invitation): string {
  return url.replace(/^https?:\/\//, '').slice(0, -code.length - 1);
}
