"""Who may: sessions, passwords, CSRF, rates, headers, OpenID, and the policies (Cedar files)."""
