import "@/style/tokens.css";
import "@/style/reset.css";
import "@/style/parts.css";
import "@/style/frame.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "@/api/queries";
import { KeysProvider } from "@/keys/keys";
import { router } from "@/router";
import { applyTheme, storedTheme } from "@/theme";

applyTheme(storedTheme());

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <KeysProvider>
          <RouterProvider router={router} />
        </KeysProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
