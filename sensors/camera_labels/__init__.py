"""Labels that a camera gives when its ``labels`` ask for them, one file each; ``protocol`` says which there are."""
