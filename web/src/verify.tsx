import "@/style/tokens.css";
import "@/style/reset.css";
import "@/style/parts.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { VerifyPage } from "@/pages/verify/VerifyPage";
import { applyTheme, storedTheme } from "@/theme";

applyTheme(storedTheme());

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <VerifyPage />
    </StrictMode>,
  );
}
