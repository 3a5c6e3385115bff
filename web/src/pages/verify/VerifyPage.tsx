import "@/style/receipt.css";
import { Brand } from "@/parts/Brand";
import { DropVerifier } from "./DropVerifier";

/** For an auditor without an account: a receipt, the keys that he trusts, and the verdict, in this page alone. */
export function VerifyPage() {
  return (
    <main className="receipt alone">
      <h1>
        <Brand />
        Verify a receipt
      </h1>
      <p className="lead">
        Who approved, under which policy, what was done, on which evidence, whether all of it is intact, and what is
        still open: answered by this page from the two files alone. They are not sent anywhere.
      </p>
      <DropVerifier />
      <h2>Where the keys come from</h2>
      <p className="quiet">
        Take keys.json from whoever you trust to know the installation's keys, and by another way than the receipt: a
        receipt that arrives together with its keys proves only that both fit each other. The same check on the command
        line: <code>casegate receipt verify receipt.json --trust keys.json</code>
      </p>
    </main>
  );
}
