"""/docs without another host: FastAPI's own page loads its scripts from a CDN and its icon from a website."""

from importlib import resources

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response

FILES = {
    "/docs/swagger-ui-bundle.js": "text/javascript",
    "/docs/swagger-ui.css": "text/css",
    "/docs/favicon-32x32.png": "image/png",
}
PATHS = ("/docs", *FILES)


def add_docs(app: FastAPI) -> None:
    """Serve the page and its files, all by relative addresses: they hold behind any proxy."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=app.title,
            swagger_js_url="docs/swagger-ui-bundle.js",
            swagger_css_url="docs/swagger-ui.css",
            swagger_favicon_url="docs/favicon-32x32.png",
            # The validator's badge would send the description to yet another host.
            swagger_ui_parameters={"validatorUrl": None, "tryItOutEnabled": True, "defaultModelsExpandDepth": 0},
        )

    for path, media_type in FILES.items():
        app.add_api_route(path, _file(path.removeprefix("/docs/"), media_type), include_in_schema=False)


def _file(name: str, media_type: str):
    def respond() -> Response:
        data = resources.files("fastapi_swagger").joinpath("resources", name).read_bytes()
        return Response(data, media_type=media_type, headers={"Cache-Control": "max-age=86400"})

    return respond
