"""Software of an operator of electronic medical leave (licencia médica electrónica, LME) in Chile."""
