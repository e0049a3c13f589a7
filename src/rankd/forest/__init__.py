"""From features to margins: the sealed format and the engines that evaluate it."""
