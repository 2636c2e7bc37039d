"""Analysis and synthesis of skin texture: arrays in, arrays out. Never runs inside `render`."""
