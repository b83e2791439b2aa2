//! The five calls that every kind of part has, described for the OpenAPI document and carried out by
//! [`part`](super::part). A noun names its types, its words and its paths; the calls are written once.

/// Makes `list`, `create`, `get`, `change` and `remove` for one kind of part.
macro_rules! part_calls {
    (
        part: $Part:ident, new: $New:ident, change: $Change:ident,
        words: ($a_part:literal, $parts:literal, $the_owner:literal, $tag:literal),
        ids: ($list_id:literal, $create_id:literal, $get_id:literal, $change_id:literal, $remove_id:literal),
        paths: ($of_owner:literal, $one:literal),
        owner: $owner:path $(,)?
    ) => {
        #[utoipa::path(
            get,
            path = $of_owner,
            tag = $tag,
            operation_id = $list_id,
            description = concat!("The ", $parts, " of ", $the_owner, "."),
            params(
                ("id" = i64, Path, description = concat!("The number of ", $the_owner)),
                crate::http::PageQuery,
            ),
            responses((status = 200, description = "A page of them", body = callboard_api::list::List<$Part>)),
        )]
        pub(crate) async fn list(
            axum::extract::State(projects): axum::extract::State<crate::project::Projects>,
            crate::http::Id(id): crate::http::Id,
            crate::http::Parameters(query): crate::http::Parameters<crate::http::PageQuery>,
        ) -> crate::http::Result<axum::Json<callboard_api::list::List<$Part>>> {
            let within = $owner(&projects, id).await?;
            crate::project::part::list(&projects, within, query.page()?).await
        }

        #[utoipa::path(
            post,
            path = $of_owner,
            tag = $tag,
            operation_id = $create_id,
            description = concat!("Adds ", $a_part, " to ", $the_owner, "."),
            params(
                ("id" = i64, Path, description = concat!("The number of ", $the_owner)),
                ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
            ),
            request_body = $New,
            responses((status = 201, description = "What was made", body = $Part)),
        )]
        pub(crate) async fn create(
            axum::extract::State(projects): axum::extract::State<crate::project::Projects>,
            crate::http::Id(id): crate::http::Id,
            once: crate::http::Idempotency,
            body: crate::http::Body<crate::project::part::Fields>,
        ) -> crate::http::Result<axum::response::Response> {
            let within = $owner(&projects, id).await?;
            crate::project::part::create::<$Part>(&projects, within, body, once).await
        }

        #[utoipa::path(
            get,
            path = $one,
            tag = $tag,
            operation_id = $get_id,
            description = concat!("One of the ", $parts, "."),
            params(("id" = i64, Path, description = "Its number")),
            responses((status = 200, description = "As it is now", body = $Part)),
        )]
        pub(crate) async fn get(
            axum::extract::State(projects): axum::extract::State<crate::project::Projects>,
            crate::http::Id(id): crate::http::Id,
        ) -> crate::http::Result<axum::Json<$Part>> {
            crate::project::part::get(&projects, id).await.map(axum::Json)
        }

        #[utoipa::path(
            patch,
            path = $one,
            tag = $tag,
            operation_id = $change_id,
            description = concat!(
                "Changes ", $a_part, ": what is named is replaced, and `null` goes back to the default (RFC 7396)."
            ),
            params(("id" = i64, Path, description = "Its number")),
            request_body = $Change,
            responses((status = 200, description = "As it is now", body = $Part)),
        )]
        pub(crate) async fn change(
            axum::extract::State(projects): axum::extract::State<crate::project::Projects>,
            crate::http::Id(id): crate::http::Id,
            body: crate::http::Body<crate::project::part::Fields>,
        ) -> crate::http::Result<axum::Json<$Part>> {
            crate::project::part::change(&projects, id, body.value).await
        }

        #[utoipa::path(
            delete,
            path = $one,
            tag = $tag,
            operation_id = $remove_id,
            description = concat!("Removes ", $a_part, ", unless something in its project refers to it."),
            params(("id" = i64, Path, description = "Its number")),
            responses((status = 204, description = "It is gone")),
        )]
        pub(crate) async fn remove(
            axum::extract::State(projects): axum::extract::State<crate::project::Projects>,
            crate::http::Id(id): crate::http::Id,
        ) -> crate::http::Result<axum::http::StatusCode> {
            crate::project::part::remove::<$Part>(&projects, id).await
        }
    };
}

pub(crate) use part_calls;
