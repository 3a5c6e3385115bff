"""What admins do: settings of a tenant, with versions and four eyes, and its people. Nothing here answers a gate."""
