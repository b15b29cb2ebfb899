"""`pianola doctor`: what these settings make of Pianola on this machine, asked where it can be asked. It changes nothing."""
