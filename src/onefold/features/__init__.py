"""Features: definitions, the plan, the kernel, the genome. A genome is a pure function of timeline and clock."""
