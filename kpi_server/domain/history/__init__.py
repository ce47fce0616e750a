"""Generated history: measures that end in what documents print. A rule of its own, apart from every fact."""
