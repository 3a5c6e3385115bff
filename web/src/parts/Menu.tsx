import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

export interface MenuItem {
  text: string;
  hint?: string;
  run: () => void;
  disabled?: boolean;
  /** A line above it parts it from what stands before. */
  line?: boolean;
}

/** A button that opens a short list of actions. */
export function Menu({ label, trigger, items }: { label: string; trigger: ReactNode; items: MenuItem[] }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8} aria-label={label}>
          {items.map((item) => (
            <MenuEntry key={item.text} item={item} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function MenuEntry({ item }: { item: MenuItem }) {
  return (
    <>
      {item.line && <DropdownMenu.Separator className="menu-line" />}
      <DropdownMenu.Item className="menu-item" disabled={item.disabled ?? false} onSelect={item.run}>
        {item.text}
        {item.hint && <span className="faint">{item.hint}</span>}
      </DropdownMenu.Item>
    </>
  );
}
