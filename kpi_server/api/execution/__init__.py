"""Operations planned once and run as few statements and generated code; knows GraphQL and SQL, and nothing of KPIs."""
