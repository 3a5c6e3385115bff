import { Dialog } from "@/parts/Dialog";
import { useListedKeys } from "./keys";

/** What `?` shows: the keys of this page, then those of everywhere. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const groups = useListedKeys().filter((group) => group.bindings.length > 0);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="dialog-body">
        <h2>Keys</h2>
        {groups.map((group) => (
          <section key={group.title} className="keys-group">
            <h3 className="label">{group.title}</h3>
            <dl>
              {group.bindings.map((binding) => (
                <div key={binding.keys + binding.does}>
                  <dt>{binding.does}</dt>
                  <dd>
                    {binding.keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section className="keys-group">
          <h3 className="label">Always</h3>
          <dl>
            <div>
              <dt>Go anywhere</dt>
              <dd>
                <kbd>Ctrl</kbd>
                <kbd>K</kbd>
              </dd>
            </div>
            <div>
              <dt>Close what is open</dt>
              <dd>
                <kbd>Esc</kbd>
              </dd>
            </div>
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
