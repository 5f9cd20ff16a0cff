
2lower2s2low2 2low2aa2aaa2ü2b2erBpieces