"""What makes the data lawful to hold: sealed records, consent and purpose gates, lineage, audit,
retention.
"""
