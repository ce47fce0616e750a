-- Every table of the first release: tenants' tables lead each key with organization_id and are under row-level security.
-- Statements are separated by an empty line.

create sequence entity_ids;

create table families (
    name varchar not null,
    title varchar not null,
    description varchar not null,
    distribution varchar not null,
    version varchar not null,
    primary key (name)
);

create table tenants (
    id bigint not null,
    slug varchar not null,
    primary key (id),
    unique (slug)
);

create table organizations (
    id bigint not null,
    slug varchar not null,
    name varchar not null,
    description varchar,
    currency varchar not null,
    time_zone varchar not null,
    undated_first boolean not null,
    source_document varchar,
    source_line integer,
    primary key (id),
    unique (slug)
);

create table principals (
    id bigint not null,
    name varchar not null,
    primary key (id),
    unique (name)
);

create table api_tokens (
    id bigint not null,
    principal_id bigint not null,
    hash bytea not null,
    hint varchar not null,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    primary key (id),
    foreign key(principal_id) references principals (id),
    unique (hash)
);

create index ix_api_tokens_principal_id on api_tokens (principal_id);

create table batches (
    organization_id bigint not null,
    id bigint not null,
    sequence bigint,
    recorded_at timestamp with time zone not null,
    action varchar not null,
    actor varchar not null,
    primary key (organization_id, id),
    foreign key(organization_id) references organizations (id)
);

create unique index batches_by_sequence on batches (organization_id, sequence);

create table memberships (
    organization_id bigint not null,
    principal_id bigint not null,
    role varchar not null,
    department varchar,
    primary key (organization_id, principal_id),
    foreign key(organization_id) references organizations (id),
    foreign key(principal_id) references principals (id)
);

create index ix_memberships_principal_id on memberships (principal_id);

create table sequences (
    organization_id bigint not null,
    last bigint not null,
    primary key (organization_id),
    foreign key(organization_id) references organizations (id)
);

create table access_levels (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    role varchar not null,
    text varchar not null,
    primary key (organization_id, id),
    constraint access_levels_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table alert_classes (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    severity varchar,
    colour varchar,
    response varchar,
    respond_within_hours integer,
    primary key (organization_id, id),
    constraint alert_classes_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table analytics_models (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    kind varchar not null,
    text varchar,
    primary key (organization_id, id),
    constraint analytics_models_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table categories (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    description varchar,
    parent_id bigint,
    primary key (organization_id, id),
    constraint categories_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, parent_id) references categories (organization_id, id)
);

create index categories_by_parent on categories (organization_id, parent_id);

create table changes (
    organization_id bigint not null,
    batch_id bigint not null,
    index integer not null,
    entity varchar not null,
    entity_id bigint not null,
    operation varchar not null,
    before jsonb,
    primary key (organization_id, batch_id, index),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create index changes_by_entity on changes (organization_id, entity_id);

create table classifications (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    text varchar,
    primary key (organization_id, id),
    constraint classifications_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table cohort_tables (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    kind varchar not null,
    unit varchar not null,
    column_unit varchar not null,
    columns jsonb not null,
    total_label varchar,
    primary key (organization_id, id),
    constraint cohort_tables_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table contacts (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    duty varchar not null,
    email varchar,
    primary key (organization_id, id),
    constraint contacts_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table dashboards (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    description varchar,
    audience varchar,
    kind varchar not null,
    primary key (organization_id, id),
    constraint dashboards_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table data_sources (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    text varchar not null,
    primary key (organization_id, id),
    constraint data_sources_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table decisions (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    title varchar not null,
    rationale varchar,
    primary key (organization_id, id),
    constraint decisions_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table departments (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    primary key (organization_id, id),
    constraint departments_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table quality_controls (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    "group" varchar not null,
    name varchar not null,
    kind varchar not null,
    text varchar,
    primary key (organization_id, id),
    constraint quality_controls_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table report_schedules (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    cadence varchar not null,
    kind varchar not null,
    audience varchar,
    text varchar,
    primary key (organization_id, id),
    constraint report_schedules_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table reviews (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    cadence varchar,
    text varchar,
    primary key (organization_id, id),
    constraint reviews_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table segments (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    dimension varchar not null,
    value varchar not null,
    name varchar not null,
    primary key (organization_id, id),
    constraint segments_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table stages (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    first_month integer not null,
    last_month integer not null,
    focus varchar not null,
    primary key (organization_id, id),
    constraint stages_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table cohort_rows (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    cohort_table_id bigint not null,
    label varchar not null,
    period varchar,
    total_text varchar,
    total numeric,
    primary key (organization_id, id),
    constraint cohort_rows_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, cohort_table_id) references cohort_tables (organization_id, id)
);

create index cohort_rows_by_cohort_table on cohort_rows (organization_id, cohort_table_id);

create table cohort_targets (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    cohort_table_id bigint not null,
    "column" integer not null,
    of_total boolean not null,
    text varchar not null,
    value numeric,
    primary key (organization_id, id),
    constraint cohort_targets_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, cohort_table_id) references cohort_tables (organization_id, id)
);

create index cohort_targets_by_cohort_table on cohort_targets (organization_id, cohort_table_id);

create table documents (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    title varchar not null,
    subtitle varchar,
    kind varchar not null,
    period varchar,
    period_start date,
    period_end date,
    dated varchar,
    version varchar,
    approved_on date,
    next_review varchar,
    url varchar,
    department_id bigint,
    classification_id bigint,
    primary key (organization_id, id),
    constraint documents_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, department_id) references departments (organization_id, id),
    foreign key(organization_id, classification_id) references classifications (organization_id, id)
);

create index documents_by_classification on documents (organization_id, classification_id);

create index documents_by_department on documents (organization_id, department_id);

create table insights (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    cohort_table_id bigint not null,
    text varchar not null,
    primary key (organization_id, id),
    constraint insights_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, cohort_table_id) references cohort_tables (organization_id, id)
);

create index insights_by_cohort_table on insights (organization_id, cohort_table_id);

create table model_parameters (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    analytics_model_id bigint not null,
    "group" varchar not null,
    name varchar not null,
    text varchar,
    primary key (organization_id, id),
    constraint model_parameters_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, analytics_model_id) references analytics_models (organization_id, id)
);

create index model_parameters_by_analytics_model on model_parameters (organization_id, analytics_model_id);

create table owners (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    title varchar not null,
    kind varchar not null,
    department_id bigint,
    primary key (organization_id, id),
    constraint owners_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, department_id) references departments (organization_id, id)
);

create index owners_by_department on owners (organization_id, department_id);

create table review_steps (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    review_id bigint not null,
    name varchar not null,
    text varchar not null,
    primary key (organization_id, id),
    constraint review_steps_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, review_id) references reviews (organization_id, id)
);

create index review_steps_by_review on review_steps (organization_id, review_id);

create table scores (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    subject varchar not null,
    text varchar not null,
    value numeric,
    words varchar,
    colour varchar,
    department_id bigint,
    primary key (organization_id, id),
    constraint scores_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, department_id) references departments (organization_id, id)
);

create index scores_by_department on scores (organization_id, department_id);

create table stage_criteria (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    stage_id bigint not null,
    category varchar not null,
    metrics varchar not null,
    targets varchar not null,
    criterion varchar not null,
    primary key (organization_id, id),
    constraint stage_criteria_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, stage_id) references stages (organization_id, id)
);

create index stage_criteria_by_stage on stage_criteria (organization_id, stage_id);

create table cohort_cells (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    cohort_row_id bigint not null,
    "column" integer not null,
    text varchar not null,
    value numeric,
    primary key (organization_id, id),
    constraint cohort_cells_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, cohort_row_id) references cohort_rows (organization_id, id)
);

create index cohort_cells_by_cohort_row on cohort_cells (organization_id, cohort_row_id);

create table initiatives (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    period varchar,
    quarter varchar,
    status varchar,
    colour varchar,
    owner_id bigint,
    primary key (organization_id, id),
    constraint initiatives_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id)
);

create index initiatives_by_owner on initiatives (organization_id, owner_id);

create table kpis (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    family varchar not null,
    name varchar not null,
    unit varchar not null,
    direction varchar not null,
    definition varchar,
    north_star boolean not null,
    acceptable numeric,
    near numeric,
    category_id bigint,
    department_id bigint,
    owner_id bigint,
    classification_id bigint,
    primary key (organization_id, id),
    constraint kpis_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, category_id) references categories (organization_id, id),
    foreign key(organization_id, department_id) references departments (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id),
    foreign key(organization_id, classification_id) references classifications (organization_id, id)
);

create index kpis_by_category on kpis (organization_id, category_id);

create index kpis_by_classification on kpis (organization_id, classification_id);

create index kpis_by_department on kpis (organization_id, department_id);

create index kpis_by_family on kpis (organization_id, family);

create index kpis_by_name on kpis (organization_id, name, id);

create index kpis_by_owner on kpis (organization_id, owner_id);

create table people (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    owner_id bigint not null,
    primary key (organization_id, id),
    constraint people_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id)
);

create index people_by_owner on people (organization_id, owner_id);

create table responsibilities (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    owner_id bigint not null,
    text varchar not null,
    primary key (organization_id, id),
    constraint responsibilities_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id)
);

create index responsibilities_by_owner on responsibilities (organization_id, owner_id);

create table action_items (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    title varchar,
    text varchar not null,
    horizon varchar,
    days integer,
    due_on date,
    condition varchar,
    target varchar,
    kpi_id bigint,
    initiative_id bigint,
    owner_id bigint,
    primary key (organization_id, id),
    constraint action_items_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, initiative_id) references initiatives (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id)
);

create index action_items_by_initiative on action_items (organization_id, initiative_id);

create index action_items_by_kpi on action_items (organization_id, kpi_id);

create index action_items_by_owner on action_items (organization_id, owner_id);

create table alert_rules (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    condition varchar not null,
    operator varchar,
    threshold_text varchar,
    threshold numeric,
    transform varchar not null,
    "window" varchar,
    severity varchar,
    recipients jsonb not null,
    actions jsonb not null,
    current_text varchar,
    kpi_id bigint,
    alert_class_id bigint,
    primary key (organization_id, id),
    constraint alert_rules_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, alert_class_id) references alert_classes (organization_id, id)
);

create index alert_rules_by_alert_class on alert_rules (organization_id, alert_class_id);

create index alert_rules_by_kpi on alert_rules (organization_id, kpi_id);

create table alerts (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    text varchar not null,
    severity varchar,
    colour varchar,
    current_text varchar,
    target_text varchar,
    advice varchar,
    kpi_id bigint,
    alert_class_id bigint,
    primary key (organization_id, id),
    constraint alerts_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, alert_class_id) references alert_classes (organization_id, id)
);

create index alerts_by_alert_class on alerts (organization_id, alert_class_id);

create index alerts_by_kpi on alerts (organization_id, kpi_id);

create table approvals (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    owner_id bigint not null,
    person_id bigint,
    approved_on date,
    primary key (organization_id, id),
    constraint approvals_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id),
    foreign key(organization_id, person_id) references people (organization_id, id)
);

create index approvals_by_owner on approvals (organization_id, owner_id);

create index approvals_by_person on approvals (organization_id, person_id);

create table data_source_kpis (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    data_source_id bigint not null,
    kpi_id bigint not null,
    primary key (organization_id, id),
    constraint data_source_kpis_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, data_source_id) references data_sources (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index data_source_kpis_by_data_source on data_source_kpis (organization_id, data_source_id);

create index data_source_kpis_by_kpi on data_source_kpis (organization_id, kpi_id);

create table decision_items (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    decision_id bigint not null,
    kpi_id bigint,
    text varchar not null,
    amount_text varchar,
    amount numeric,
    primary key (organization_id, id),
    constraint decision_items_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, decision_id) references decisions (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index decision_items_by_decision on decision_items (organization_id, decision_id);

create index decision_items_by_kpi on decision_items (organization_id, kpi_id);

create table decision_kpis (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    decision_id bigint not null,
    kpi_id bigint not null,
    primary key (organization_id, id),
    constraint decision_kpis_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, decision_id) references decisions (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index decision_kpis_by_decision on decision_kpis (organization_id, decision_id);

create index decision_kpis_by_kpi on decision_kpis (organization_id, kpi_id);

create table key_results (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    initiative_id bigint not null,
    owner_id bigint,
    kpi_id bigint,
    name varchar not null,
    unit varchar not null,
    current_text varchar not null,
    current numeric,
    target_text varchar not null,
    target numeric,
    weight integer not null,
    status varchar,
    colour varchar,
    primary key (organization_id, id),
    constraint key_results_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, initiative_id) references initiatives (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index key_results_by_initiative on key_results (organization_id, initiative_id);

create index key_results_by_kpi on key_results (organization_id, kpi_id);

create index key_results_by_owner on key_results (organization_id, owner_id);

create table kpi_aliases (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    kpi_id bigint not null,
    name varchar not null,
    folded varchar not null,
    primary key (organization_id, id),
    constraint kpi_aliases_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index kpi_aliases_by_folded on kpi_aliases (organization_id, folded);

create index kpi_aliases_by_kpi on kpi_aliases (organization_id, kpi_id);

create table kpi_current (
    organization_id bigint not null,
    kpi_id bigint not null,
    segment varchar not null,
    figure_id bigint,
    previous_figure_id bigint,
    target_id bigint,
    value numeric,
    previous_value numeric,
    target_value numeric,
    attainment numeric,
    attainment_flag varchar,
    share_of_target numeric,
    status varchar not null,
    due_on date,
    primary key (organization_id, kpi_id, segment),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index kpi_current_by_status on kpi_current (organization_id, segment, status);

create table kpi_notes (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    kpi_id bigint not null,
    kind varchar not null,
    label varchar,
    text varchar not null,
    points integer,
    primary key (organization_id, id),
    constraint kpi_notes_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index kpi_notes_by_kpi on kpi_notes (organization_id, kpi_id);

create table kpi_rows (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    kpi_id bigint not null,
    name varchar not null,
    definition varchar,
    alert varchar,
    category_id bigint,
    department_id bigint,
    owner_id bigint,
    primary key (organization_id, id),
    constraint kpi_rows_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, category_id) references categories (organization_id, id),
    foreign key(organization_id, department_id) references departments (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id)
);

create index kpi_rows_by_category on kpi_rows (organization_id, category_id);

create index kpi_rows_by_department on kpi_rows (organization_id, department_id);

create index kpi_rows_by_kpi on kpi_rows (organization_id, kpi_id);

create index kpi_rows_by_owner on kpi_rows (organization_id, owner_id);

create table observations (
    organization_id bigint not null,
    period_start date not null,
    id bigint not null,
    kpi_id bigint not null,
    segment varchar not null,
    grain varchar not null,
    period varchar not null,
    period_end date not null,
    value numeric not null,
    text varchar not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    primary key (organization_id, period_start, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
)
 partition by range (period_start);

create index observations_by_batch on observations (organization_id, batch_id);

create index observations_by_cell on observations (organization_id, kpi_id, segment, grain, period_start, id);

create table report_topics (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    report_schedule_id bigint not null,
    text varchar not null,
    kpi_id bigint,
    primary key (organization_id, id),
    constraint report_topics_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, report_schedule_id) references report_schedules (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index report_topics_by_kpi on report_topics (organization_id, kpi_id);

create index report_topics_by_report_schedule on report_topics (organization_id, report_schedule_id);

create table risks (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    kpi_id bigint,
    decision_id bigint,
    primary key (organization_id, id),
    constraint risks_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, decision_id) references decisions (organization_id, id)
);

create index risks_by_decision on risks (organization_id, decision_id);

create index risks_by_kpi on risks (organization_id, kpi_id);

create table statements (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    section varchar not null,
    label varchar,
    text varchar not null,
    status varchar,
    colour varchar,
    trend varchar,
    arrow varchar,
    analysis varchar,
    kpi_id bigint,
    primary key (organization_id, id),
    constraint statements_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index statements_by_kpi on statements (organization_id, kpi_id);

create table target_revisions (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    kpi_id bigint not null,
    decision_id bigint,
    period varchar not null,
    period_start date not null,
    period_end date not null,
    before_text varchar not null,
    before_value numeric,
    after_text varchar not null,
    after_value numeric,
    reason varchar not null,
    rationale varchar,
    primary key (organization_id, id),
    constraint target_revisions_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, decision_id) references decisions (organization_id, id)
);

create index target_revisions_by_decision on target_revisions (organization_id, decision_id);

create index target_revisions_by_kpi on target_revisions (organization_id, kpi_id);

create table trend_rows (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    "table" varchar not null,
    name varchar not null,
    arrow varchar not null,
    magnitude varchar not null,
    impact varchar not null,
    colour varchar,
    action varchar not null,
    kpi_id bigint,
    primary key (organization_id, id),
    constraint trend_rows_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create index trend_rows_by_kpi on trend_rows (organization_id, kpi_id);

create table mitigations (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    name varchar not null,
    risk_id bigint,
    owner_id bigint,
    progress_text varchar not null,
    progress numeric,
    status varchar,
    colour varchar,
    primary key (organization_id, id),
    constraint mitigations_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, risk_id) references risks (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id)
);

create index mitigations_by_owner on mitigations (organization_id, owner_id);

create index mitigations_by_risk on mitigations (organization_id, risk_id);

create table reported_figures (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    kpi_id bigint not null,
    kpi_row_id bigint,
    placement varchar not null,
    label varchar,
    segment varchar not null,
    period varchar,
    period_start date,
    period_end date,
    text varchar not null,
    value numeric,
    low numeric,
    high numeric,
    at_least boolean not null,
    absence varchar,
    status varchar,
    colour varchar,
    analysis varchar,
    trend varchar,
    trend_arrow varchar,
    trend_amount numeric,
    trend_unit varchar,
    trend_basis varchar,
    trend_previous numeric,
    trend_words varchar,
    primary key (organization_id, id),
    constraint reported_figures_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, kpi_row_id) references kpi_rows (organization_id, id)
);

create index reported_figures_by_kpi on reported_figures (organization_id, kpi_id);

create index reported_figures_by_kpi_row on reported_figures (organization_id, kpi_row_id);

create table risk_assessments (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    risk_id bigint not null,
    owner_id bigint,
    level varchar,
    probability_text varchar,
    probability numeric,
    impact varchar,
    tendency varchar,
    mitigation varchar,
    status varchar,
    colour varchar,
    analysis varchar,
    primary key (organization_id, id),
    constraint risk_assessments_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, risk_id) references risks (organization_id, id),
    foreign key(organization_id, owner_id) references owners (organization_id, id)
);

create index risk_assessments_by_owner on risk_assessments (organization_id, owner_id);

create index risk_assessments_by_risk on risk_assessments (organization_id, risk_id);

create table targets (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    kpi_id bigint not null,
    kpi_row_id bigint,
    under_kpi_id bigint,
    of_kpi_id bigint,
    stage_id bigint,
    placement varchar not null,
    label varchar,
    segment varchar not null,
    text varchar not null,
    operator varchar not null,
    value numeric,
    low numeric,
    high numeric,
    multiple numeric,
    due varchar,
    due_on date,
    months integer,
    period varchar,
    period_start date,
    period_end date,
    rationale varchar,
    primary key (organization_id, id),
    constraint targets_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, kpi_row_id) references kpi_rows (organization_id, id),
    foreign key(organization_id, under_kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, of_kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, stage_id) references stages (organization_id, id)
);

create index targets_by_kpi on targets (organization_id, kpi_id);

create index targets_by_kpi_row on targets (organization_id, kpi_row_id);

create index targets_by_of_kpi on targets (organization_id, of_kpi_id);

create index targets_by_stage on targets (organization_id, stage_id);

create index targets_by_under_kpi on targets (organization_id, under_kpi_id);

create table widgets (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    dashboard_id bigint not null,
    title varchar not null,
    kind varchar not null,
    row integer not null,
    "column" integer not null,
    "group" varchar,
    text varchar,
    status varchar,
    colour varchar,
    trend varchar,
    arrow varchar,
    current_text varchar,
    target_text varchar,
    steps jsonb not null,
    kpi_id bigint,
    cohort_table_id bigint,
    initiative_id bigint,
    figure_id bigint,
    target_id bigint,
    primary key (organization_id, id),
    constraint widgets_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id),
    foreign key(organization_id, dashboard_id) references dashboards (organization_id, id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id),
    foreign key(organization_id, cohort_table_id) references cohort_tables (organization_id, id),
    foreign key(organization_id, initiative_id) references initiatives (organization_id, id),
    foreign key(organization_id, figure_id) references reported_figures (organization_id, id),
    foreign key(organization_id, target_id) references targets (organization_id, id)
);

create index widgets_by_cohort_table on widgets (organization_id, cohort_table_id);

create index widgets_by_dashboard on widgets (organization_id, dashboard_id);

create index widgets_by_figure on widgets (organization_id, figure_id);

create index widgets_by_initiative on widgets (organization_id, initiative_id);

create index widgets_by_kpi on widgets (organization_id, kpi_id);

create index widgets_by_target on widgets (organization_id, target_id);

create table observations_other partition of observations default;

create table observations_2015 partition of observations for values from ('2015-01-01') to ('2016-01-01');

create table observations_2016 partition of observations for values from ('2016-01-01') to ('2017-01-01');

create table observations_2017 partition of observations for values from ('2017-01-01') to ('2018-01-01');

create table observations_2018 partition of observations for values from ('2018-01-01') to ('2019-01-01');

create table observations_2019 partition of observations for values from ('2019-01-01') to ('2020-01-01');

create table observations_2020 partition of observations for values from ('2020-01-01') to ('2021-01-01');

create table observations_2021 partition of observations for values from ('2021-01-01') to ('2022-01-01');

create table observations_2022 partition of observations for values from ('2022-01-01') to ('2023-01-01');

create table observations_2023 partition of observations for values from ('2023-01-01') to ('2024-01-01');

create table observations_2024 partition of observations for values from ('2024-01-01') to ('2025-01-01');

create table observations_2025 partition of observations for values from ('2025-01-01') to ('2026-01-01');

create table observations_2026 partition of observations for values from ('2026-01-01') to ('2027-01-01');

create table observations_2027 partition of observations for values from ('2027-01-01') to ('2028-01-01');

create table observations_2028 partition of observations for values from ('2028-01-01') to ('2029-01-01');

create table observations_2029 partition of observations for values from ('2029-01-01') to ('2030-01-01');

create table observations_2030 partition of observations for values from ('2030-01-01') to ('2031-01-01');

create table observations_2031 partition of observations for values from ('2031-01-01') to ('2032-01-01');

create table observations_2032 partition of observations for values from ('2032-01-01') to ('2033-01-01');

create table observations_2033 partition of observations for values from ('2033-01-01') to ('2034-01-01');

create table observations_2034 partition of observations for values from ('2034-01-01') to ('2035-01-01');

create table observations_2035 partition of observations for values from ('2035-01-01') to ('2036-01-01');

alter table access_levels enable row level security;

create policy tenant on access_levels using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table action_items enable row level security;

create policy tenant on action_items using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table alert_classes enable row level security;

create policy tenant on alert_classes using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table alert_rules enable row level security;

create policy tenant on alert_rules using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table alerts enable row level security;

create policy tenant on alerts using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table analytics_models enable row level security;

create policy tenant on analytics_models using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table approvals enable row level security;

create policy tenant on approvals using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table batches enable row level security;

create policy tenant on batches using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table categories enable row level security;

create policy tenant on categories using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table changes enable row level security;

create policy tenant on changes using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table classifications enable row level security;

create policy tenant on classifications using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table cohort_cells enable row level security;

create policy tenant on cohort_cells using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table cohort_rows enable row level security;

create policy tenant on cohort_rows using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table cohort_tables enable row level security;

create policy tenant on cohort_tables using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table cohort_targets enable row level security;

create policy tenant on cohort_targets using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table contacts enable row level security;

create policy tenant on contacts using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table dashboards enable row level security;

create policy tenant on dashboards using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table data_source_kpis enable row level security;

create policy tenant on data_source_kpis using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table data_sources enable row level security;

create policy tenant on data_sources using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table decision_items enable row level security;

create policy tenant on decision_items using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table decision_kpis enable row level security;

create policy tenant on decision_kpis using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table decisions enable row level security;

create policy tenant on decisions using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table departments enable row level security;

create policy tenant on departments using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table documents enable row level security;

create policy tenant on documents using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table initiatives enable row level security;

create policy tenant on initiatives using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table insights enable row level security;

create policy tenant on insights using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table key_results enable row level security;

create policy tenant on key_results using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table kpi_aliases enable row level security;

create policy tenant on kpi_aliases using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table kpi_current enable row level security;

create policy tenant on kpi_current using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table kpi_notes enable row level security;

create policy tenant on kpi_notes using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table kpi_rows enable row level security;

create policy tenant on kpi_rows using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table kpis enable row level security;

create policy tenant on kpis using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table mitigations enable row level security;

create policy tenant on mitigations using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table model_parameters enable row level security;

create policy tenant on model_parameters using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table observations enable row level security;

create policy tenant on observations using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table organizations enable row level security;

create policy tenant on organizations using (id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table owners enable row level security;

create policy tenant on owners using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table people enable row level security;

create policy tenant on people using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table quality_controls enable row level security;

create policy tenant on quality_controls using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table report_schedules enable row level security;

create policy tenant on report_schedules using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table report_topics enable row level security;

create policy tenant on report_topics using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table reported_figures enable row level security;

create policy tenant on reported_figures using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table responsibilities enable row level security;

create policy tenant on responsibilities using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table review_steps enable row level security;

create policy tenant on review_steps using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table reviews enable row level security;

create policy tenant on reviews using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table risk_assessments enable row level security;

create policy tenant on risk_assessments using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table risks enable row level security;

create policy tenant on risks using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table scores enable row level security;

create policy tenant on scores using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table segments enable row level security;

create policy tenant on segments using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table sequences enable row level security;

create policy tenant on sequences using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table stage_criteria enable row level security;

create policy tenant on stage_criteria using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table stages enable row level security;

create policy tenant on stages using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table statements enable row level security;

create policy tenant on statements using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table target_revisions enable row level security;

create policy tenant on target_revisions using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table targets enable row level security;

create policy tenant on targets using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table trend_rows enable row level security;

create policy tenant on trend_rows using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table widgets enable row level security;

create policy tenant on widgets using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

-- The server's role cannot analyze tables it does not own; without statistics the planner joins a freshly loaded
-- organization row by row.
create function refresh_statistics() returns void
language plpgsql security definer set search_path = public as $$
declare
    name text;
begin
    for name in select tablename from pg_tables where schemaname = 'public' and tablename !~ '^observations_' loop
        execute format('analyze %I', name);
    end loop;
end
$$;

revoke all on function refresh_statistics() from public;
