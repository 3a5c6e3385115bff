import dagre from "@dagrejs/dagre";
import { useMemo } from "react";
import type { Graph } from "@/api/types";

interface Drawn {
  /** Where it begins: a way around all steps may lie left of them. */
  left: number;
  width: number;
  height: number;
  nodes: { id: string; title: string; kind: string; x: number; y: number; w: number; back: boolean }[];
  edges: { key: string; path: string; conditional: boolean }[];
}

const HEIGHT = 30;

/** The compiled graph: steps, the gates where people answer, and the ways between them. */
export function GraphView({ graph }: { graph: Graph }) {
  const drawn = useMemo(() => draw(graph), [graph]);
  return (
    <section className="graph-scroll" tabIndex={0} aria-label="Graph">
      <svg
        viewBox={`${drawn.left} 0 ${drawn.width} ${drawn.height}`}
        width={drawn.width}
        height={drawn.height}
        role="img"
        aria-label={`Steps: ${graph.nodes.map((node) => node.title).join(", ")}`}
        className="graph"
      >
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M1 1l6 3-6 3" fill="none" stroke="context-stroke" strokeWidth="1.4" />
          </marker>
        </defs>
        {drawn.edges.map((edge) => (
          <path
            key={edge.key}
            d={edge.path}
            className={edge.conditional ? "way sometimes" : "way"}
            markerEnd="url(#arrow)"
          />
        ))}
        {drawn.nodes.map((node) => (
          <g
            key={node.id}
            className={`node ${node.kind}`}
            transform={`translate(${node.x - node.w / 2} ${node.y - HEIGHT / 2})`}
          >
            <rect width={node.w} height={HEIGHT} rx={node.kind === "gate" || node.kind === "person" ? 4 : 15} />
            <text x={node.w / 2} y={HEIGHT / 2 + 4.5} textAnchor="middle">
              {node.title}
              {node.back && " ↺"}
            </text>
          </g>
        ))}
      </svg>
      <p className="small quiet graph-legend">
        <span className="key step" /> step of an agent <span className="key gate" /> a person answers{" "}
        <span className="key effect" /> something leaves · dashed: only sometimes · ↺ then the next event is taken
      </p>
    </section>
  );
}

/** The node that every event enters by, and the ways that lead on: those that only come back to it are not drawn. */
function forward(graph: Graph): { ways: Graph["edges"]; returning: Set<string> } {
  const entry = graph.edges.find(
    (edge) => graph.nodes.find((node) => node.id === edge.source)?.kind === "start",
  )?.target;
  const back = (edge: Graph["edges"][number]) =>
    edge.target === entry && graph.nodes.find((node) => node.id === edge.source)?.kind !== "start";
  return {
    ways: graph.edges.filter((edge) => !back(edge)),
    returning: new Set(graph.edges.filter(back).map((edge) => edge.source)),
  };
}

function draw(graph: Graph): Drawn {
  const { ways, returning } = forward(graph);
  const layout = new dagre.graphlib.Graph({ multigraph: true });
  layout.setGraph({ rankdir: "TB", nodesep: 24, ranksep: 22, marginx: 8, marginy: 8 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) {
    layout.setNode(node.id, {
      width: Math.max(64, (node.title.length + (returning.has(node.id) ? 2 : 0)) * 7.2 + 24),
      height: HEIGHT,
    });
  }
  ways.forEach((edge, index) => {
    layout.setEdge(edge.source, edge.target, {}, String(index));
  });
  dagre.layout(layout);
  const { width = 0, height = 0 } = layout.graph();
  const turns = layout.edges().flatMap((edge) => layout.edge(edge).points.map((point: { x: number }) => point.x));
  const left = Math.floor(Math.min(0, ...turns.map((x) => x - 8)));
  return {
    left,
    width: Math.ceil(Math.max(width, ...turns.map((x) => x + 8))) - left,
    height: Math.ceil(height),
    nodes: graph.nodes.map((node) => {
      const { x, y, width: w } = layout.node(node.id);
      return { id: node.id, title: node.title, kind: node.kind, x, y, w, back: returning.has(node.id) };
    }),
    edges: ways.map((edge, index) => ({
      key: `${edge.source} ${edge.target} ${index}`,
      path: smooth(layout.edge(edge.source, edge.target, String(index)).points),
      conditional: edge.conditional,
    })),
  };
}

function smooth(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  const last = rest.pop();
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1] ?? last ?? point;
    path += ` Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return last ? `${path} L${last.x} ${last.y}` : path;
}
