"""A backbone that is pre-trained, and nearest class mean on what it makes of pictures."""
