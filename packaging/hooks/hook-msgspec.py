"""msgspec's compiled part imports these by name, where no analysis sees it."""

hiddenimports = ["copy", "datetime", "decimal", "typing", "uuid", "weakref", "msgspec._utils"]
