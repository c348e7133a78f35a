import { useId } from 'react';
import type { Language } from '../../shared/moment.ts';
import type { Graph, GraphNode, Where } from '../api/journey.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { BOX, inLanguage, layOut } from './flow.ts';
import { passesOf } from './rehearsal.ts';

/** Whether a step's note says it better than what it does: notes of steps are Chinese, a trigger's is of the whole. */
function hasOwnWords(node: GraphNode, language: Language): boolean {
  return language === 'zh' && node.note !== '' && node.kind !== 'trigger';
}

/** A journey as a drawing: a box for each step with who came by and who waits there, arrows with their words. */
export function FlowChart({ graph, where }: { graph: Graph; where: Where | null }) {
  const { t, say, language } = useWords();
  const flow = layOut(graph);
  const arrow = useId();
  const waiting = new Map(where?.waiting.map((one) => [one.step, one.n]));
  const passes = passesOf(where);
  return (
    <div className="flow" tabIndex={0} role="region" aria-label={t('journey_drawing')}>
      <svg width={flow.width} height={flow.height} viewBox={`0 0 ${flow.width} ${flow.height}`} role="img">
        <title>{t('journey_drawing')}</title>
        <defs>
          <marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {flow.arrows.map((way) => (
          <g key={way.key} className="arrow">
            <path d={way.path} markerEnd={`url(#${arrow})`} />
            {way.words && (
              <text x={way.label.x} y={way.label.y}>
                {inLanguage(way.words, language)}
              </text>
            )}
          </g>
        ))}
        {flow.boxes.map(({ node, x, y }) => {
          const n = waiting.get(node.id) ?? 0;
          const passed = passes.get(node.id) ?? 0;
          return (
            <foreignObject key={node.id} x={x} y={y} width={BOX.width} height={BOX.height}>
              <div className={`step ${node.kind}`} title={node.note || node[language]} data-step={node.id}>
                <span>
                  <small>{say('journey_kind', node.kind)}</small>
                  <span className="gap" />
                  {passed > 0 && <i>{t('journey_passed', { n: count(passed, language) })}</i>}
                  {n > 0 && <b>{t('journey_here', { n: count(n, language) })}</b>}
                </span>
                <p>{hasOwnWords(node, language) ? node.note : node[language]}</p>
              </div>
            </foreignObject>
          );
        })}
      </svg>
    </div>
  );
}
