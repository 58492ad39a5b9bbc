import { byId, svg } from './dom.js';
import { plural } from './words.js';

export function renderTraffic({ spanMs, spans }) {
  const total = (name) => spans.reduce((sum, span) => sum + span[name], 0);
  const most = Math.max(1, ...spans.map(({ succeeded, failed }) => succeeded + failed));
  const minutes = (spanMs * spans.length) / 60_000;
  const text = `${total('succeeded')} succeeded, ${total('failed')} failed in ${minutes} minutes`;
  byId('traffic-count').textContent = text;
  byId('traffic').replaceChildren(svg('svg', { class: 'spans', viewBox: `0 0 ${spans.length * 4} 40`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${text}, at most ${plural(most, 'attempt')} in ${spanMs / 1000} seconds` },
    spans.map(({ succeeded, failed }, index) => {
      const [good, bad] = [(succeeded / most) * 38, (failed / most) * 38];
      return [
        svg('rect', { class: 'good', x: index * 4, y: 40 - good, width: 3, height: good }),
        svg('rect', { class: 'bad', x: index * 4, y: 40 - good - bad, width: 3, height: bad }),
      ];
    })));
}
