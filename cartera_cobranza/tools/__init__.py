from . import note_file
